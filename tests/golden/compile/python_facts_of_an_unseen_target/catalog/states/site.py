def states(ctx):
    return {'a': {'fn': 'cmd.run', 'cmd': ctx.facts.os.family}}
