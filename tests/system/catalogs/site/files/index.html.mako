<!doctype html>
<title>${vars.domain}</title>
<p>Served by ${target.name}, kept by Prove.</p>
