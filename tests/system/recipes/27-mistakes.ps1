Get-ReceiveConnecter
Set-ReceiveConnector Copy -Bannr x
(Get-ReceiveConnector Copy).Bindngs
(Get-ReceiveConnector Copy).Name.ToUpperCase()
New-Object System.Security.Principal.SecurityIdentifier("S-1-5-7")
[System.Net.Dns]::GetHostName()
Get-ReceiveConnector Nowhere
