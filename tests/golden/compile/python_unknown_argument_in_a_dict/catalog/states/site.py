def states(ctx):
    return {
        'a': {'fn': 'file.managed',
              'path': '/etc/a', 'contnet': 'x'},
    }
