#!/bin/bash
# fails: created, text
kubectl -n default create configmap greeting --from-literal=text=hello
