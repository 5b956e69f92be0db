# somebody changed the wrong connector: which change was it, and back with it
Set-ReceiveConnector "Client Frontend MX" -Banner "220 Wrong one" -MaxRecipientsPerMessage 77
$last = Get-ConfigurationRevision -ResultSize 1
$last | fl Cmdlet,Objects
(Get-ConfigurationRevision $last.Identity).Settings
Undo-Configuration $last.Identity -WhatIf
Undo-Configuration $last.Identity -Confirm:$false
#---- result
Get-ReceiveConnector "Client Frontend MX" | fl Banner,MaxRecipientsPerMessage
