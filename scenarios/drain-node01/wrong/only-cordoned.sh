# fails: emptied, available
kubectl cordon node01
