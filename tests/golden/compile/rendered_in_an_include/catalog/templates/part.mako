a:
  - fn: cmd.run
    cdm: ${vars.name}
