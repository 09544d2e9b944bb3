a:
  - fn: cmd.run
    cmd: ${vars.nothing}
