def states(ctx):
    print 'x'
    return {}
