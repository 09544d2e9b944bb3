def states(ctx):
    return {'a': {'fn': 'cmd.run', 'cmd': open('/etc/shadow').read()}}
