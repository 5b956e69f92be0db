<#
.SYNOPSIS
  Shows one connector.
#>
# the name
$name = "Default MX"   # with a comment behind it
Get-ReceiveConnector $name | <# and one within #> ft Name
