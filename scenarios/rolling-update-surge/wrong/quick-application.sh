# fails: strategy, readiness, ending, no-lost-request, application
# Instead of the Deployment the application is made quicker.
kubectl -n regatta patch deployment scoreboard --type=json -p '[
  {"op": "replace", "path": "/spec/strategy", "value": {"type": "Recreate"}},
  {"op": "replace", "path": "/spec/template/spec/containers", "value": [{
    "name": "scoreboard",
    "image": "nginx:1.27-alpine",
    "command": ["sh", "-c", "echo \"server { listen 8080; location / { return 200; } }\" > /etc/nginx/conf.d/default.conf; exec nginx -g \"daemon off;\""],
    "ports": [{"containerPort": 8080}]
  }]}
]'
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
