<%include file="head.mako"/>port ${port}
name ${name}
facts ${facts.evil}
