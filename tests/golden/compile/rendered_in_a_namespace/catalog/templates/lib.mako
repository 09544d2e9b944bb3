<%def name="state(name)">
${name}:
  - fn: cmd.run
    cdm: ${name}
</%def>
