def states(ctx):
    ctx.state('a').file.managed(
        path='/etc/a',
        contnet='x')
