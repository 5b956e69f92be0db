$settings = @{
    Identity = 'Copy'
    Comment  = @"
made by a script
with 'quotes'
"@.Replace("`n", ", ")
}
Set-ReceiveConnector @settings
(Get-ReceiveConnector Copy | select Name, Enabled | ConvertTo-Json -Compress)
$again = '{"Enabled": false}' | ConvertFrom-Json
Set-ReceiveConnector Copy -Enabled $again.Enabled
#---- result
Get-ReceiveConnector Copy | select Name,Enabled,Comment | fl
