Set-Content {{FOLDER}}/hosts.csv "name,ip","printer,10.0.9.1","scanner,10.0.1.10"
$RecvConn = Get-ReceiveConnector "Anonymous Relay"
Import-Csv {{FOLDER}}/hosts.csv | ForEach-Object {
    if ($_.ip -notin $RecvConn.RemoteIPRanges) { $RecvConn.RemoteIPRanges += $_.ip; "added $($_.name)" }
}
Set-ReceiveConnector "Anonymous Relay" -RemoteIPRanges $RecvConn.RemoteIPRanges
#---- result
(Get-ReceiveConnector "Anonymous Relay").RemoteIPRanges
