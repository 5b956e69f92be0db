$src = Get-ReceiveConnector "Anonymous Relay"
New-ReceiveConnector -Name "Copy" -Bindings 127.0.0.1:{{PORT2}} `
  -RemoteIPRanges $src.RemoteIPRanges `
  -PermissionGroups $src.PermissionGroups.Replace(" ", "") `
  -AuthMechanism $src.AuthMechanism `
  -MaxMessageSize $src.MaxMessageSize `
  -ConnectionTimeout $src.ConnectionTimeout `
  -TransportRole $src.TransportRole
#---- result
$a = Get-ReceiveConnector "Anonymous Relay"; $b = Get-ReceiveConnector Copy
"$($a.MaxMessageSize -eq $b.MaxMessageSize) $($a.ConnectionTimeout -eq $b.ConnectionTimeout) $($b.PermissionGroups) $($b.RemoteIPRanges)"
