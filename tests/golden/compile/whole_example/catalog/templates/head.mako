## for ${name}
# of ${target.name}
