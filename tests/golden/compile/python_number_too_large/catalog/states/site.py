def states(ctx):
    return {'a': {'fn': 'user.present', 'name': 'a', 'uid': 2**80}}
