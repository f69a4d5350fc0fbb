#!/bin/bash
# fails: text
kubectl -n SLUG create configmap greeting --from-literal=text=Hello
