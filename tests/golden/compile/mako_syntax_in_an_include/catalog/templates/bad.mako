a: {fn: cmd.run, cmd: x}
% if vars:
