def command(port):
    return 'x' + port


def states(ctx):
    ctx.state('a').cmd.run(cmd=command(ctx.vars.port))
