# fails: strategy, readiness, no-lost-request, application
# Instead of the Deployment the application is made quicker.
kubectl -n regatta patch deployment scoreboard --type=json -p '[
  {"op": "replace", "path": "/spec/strategy", "value": {"type": "Recreate"}},
  {"op": "replace", "path": "/spec/template/spec/containers/0/command/2", "value": "echo \"server { listen 8080; location / { return 200; } }\" > /etc/nginx/conf.d/default.conf; exec nginx -g \"daemon off;\""}
]'
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
