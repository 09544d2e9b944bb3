def states(ctx):
    ctx.state('a').file.manged(path='/etc/a', content='x')
