switch -Regex ((Get-ReceiveConnector).Name) {
    '^Client'  { "client side: $_"; continue }
    'Frontend' { "front: $_" }
    default    { "other: $_" }
}
