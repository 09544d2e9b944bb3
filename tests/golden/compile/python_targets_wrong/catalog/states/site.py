def states(ctx):
    return {'a': {'fn': 'cmd.run', 'cmd': str(ctx.targets('role:web annd x'))}}
