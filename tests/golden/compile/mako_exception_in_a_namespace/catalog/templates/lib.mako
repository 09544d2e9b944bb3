<%def name="command()">run ${facts['nothing']}</%def>
