"Client Frontend MX", "Not There", "Default MX" | ForEach-Object {
    try {
        $c = Get-ReceiveConnector $_ -ErrorAction Stop
        "{0,-20} {1}" -f $c.Name, $c.TransportRole
    }
    catch {
        "{0,-20} {1}" -f "failed:", $_.Exception.Message
    }
}
