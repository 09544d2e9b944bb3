<%def name="state(name)">x</%def>
