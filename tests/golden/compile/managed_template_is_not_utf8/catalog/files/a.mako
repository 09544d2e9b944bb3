café ${1}
