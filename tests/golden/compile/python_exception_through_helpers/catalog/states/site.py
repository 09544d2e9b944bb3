def command(site):
    return 'run ' + site['nmae']


def state(ctx, site):
    ctx.state(site['id']).cmd.run(cmd=command(site))


def states(ctx):
    for site in [{'id': 'a', 'name': 'x'}, {'id': 'b'}]:
        state(ctx, site)
