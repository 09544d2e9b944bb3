# all
<%block name="states"/>
