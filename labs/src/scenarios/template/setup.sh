#!/bin/bash
# Runs as root on controlplane; may run twice.
kubectl create namespace SLUG --dry-run=client -o yaml | kubectl apply -f -
