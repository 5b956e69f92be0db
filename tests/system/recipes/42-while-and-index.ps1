$names = @(Get-ReceiveConnector | % { $_.Name })
$i = $names.Count - 1
while ($i -ge 0) {
    if ($names[$i] -notlike "*Frontend*") { $i--; continue }
    "$i $($names[$i])"
    $i -= 1
}
