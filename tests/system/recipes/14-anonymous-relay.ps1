New-ReceiveConnector -Name "Anonymous Relay" -TransportRole FrontendTransport -Custom -Bindings 127.0.0.1:{{PORT}} -RemoteIPRanges 192.168.5.10,192.168.5.11
Set-ReceiveConnector "Anonymous Relay" -PermissionGroups AnonymousUsers
Get-ReceiveConnector "Anonymous Relay" | Add-ADPermission -User "NT AUTHORITY\ANONYMOUS LOGON" -ExtendedRights "Ms-Exch-SMTP-Accept-Any-Recipient" | Out-Null
#---- result
Get-ReceiveConnector "Anonymous Relay" | fl Name,PermissionGroups,RemoteIPRanges
Get-ADPermission "Anonymous Relay" -User "NT AUTHORITY\ANONYMOUS LOGON" | where { $_.ExtendedRights -like "*Any-Recipient" } | % { "$($_.User): $($_.ExtendedRights)" }
