#!/bin/bash
kubectl apply -f - <<EOF
apiVersion: v1
kind: ConfigMap
metadata:
  name: greeting
  namespace: SLUG
data:
  text: hello
EOF
