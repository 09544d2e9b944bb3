def states(ctx):
    a = {'fn': 'cmd.run'}
    a['cmd'] = a
    return {'a': a}
