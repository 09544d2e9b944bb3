def states(ctx):
    return {'a': {'fn': 'user.present', 'name': 'a', 'uid': float('nan')}}
