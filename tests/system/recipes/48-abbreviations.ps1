get-receiveconnector "default mx" | FL name,fqdn
Set-ReceiveConnector -id "Default MX" -maxrec 300 -wh
GET-RECEIVECONNECTOR -Identity:"Default MX" | Select -exp Name
