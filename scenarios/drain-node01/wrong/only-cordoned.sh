# fails: emptied, available
# then: tainted
kubectl cordon node01
