$common = @{ Confirm = $false; ErrorAction = 'Stop' }
$limits = @{ MaxHopCount = 40; MaxRecipientsPerMessage = 150 }
Set-ReceiveConnector "Default MX" @limits @common
$positional = 'Default MX'
$words = @('Default MX')
(Get-ReceiveConnector @words).MaxHopCount
