$wanted = @{ "Default MX" = 200; "Client Frontend MX" = 250 }
foreach ($entry in $wanted.GetEnumerator()) {
    $now = (Get-ReceiveConnector $entry.Key).MaxRecipientsPerMessage
    if ($now -ne $entry.Value) {
        "{0}: {1} -> {2}" -f $entry.Key, $now, $entry.Value
        Set-ReceiveConnector $entry.Key -MaxRecipientsPerMessage $entry.Value | Out-Null
    }
}
