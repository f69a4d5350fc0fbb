# fails: emptied, available
# then: patch-and-restart
kubectl cordon node01
