<%def name="state(name)">
${name}:
  - fn: cmd.run
${caller.body()}
</%def>
