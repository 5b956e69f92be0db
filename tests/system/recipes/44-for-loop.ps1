$ports = 25, 465, 587
for ($i = 0; $i -lt $ports.Length; $i++) {
    $port = $ports[$i] + {{OFFSET}}
    $found = Get-ReceiveConnector | ? { $_.Bindings -like "*:$port" }
    "$($ports[$i]): $($found.Name)"
}
