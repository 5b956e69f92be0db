# who touched this connector, and what was refused
Set-ReceiveConnector "Client Frontend MX" -Comment "audited"
Set-ReceiveConnector "Client Frontend MX" -MaxMessageSize nonsense
Search-AdminAuditLog -ObjectIds "*Client Frontend*" -ResultSize 2 | ft CmdletName,ObjectModified,Succeeded
$run = Search-AdminAuditLog -IsSuccess $false -ResultSize 1
$run.CmdletParameters | foreach { "$($_.Name) = $($_.Value)" }
Search-AdminAuditLog -Cmdlets Set-ReceiveConnector -Parameters Comment -ResultSize 1 | select CmdletName,ModifiedProperties,OriginatingServer,Error | fl
Set-ReceiveConnector "Client Frontend MX" -Comment $null
