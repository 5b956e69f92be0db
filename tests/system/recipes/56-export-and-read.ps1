$file = Export-ExchangeCertificate -Thumbprint {{MAIL}}
($file | Out-String).StartsWith("-----BEGIN CERTIFICATE-----")
$pw = ConvertTo-SecureString "x" -AsPlainText -Force
Export-ExchangeCertificate -Thumbprint {{MAIL}} -BinaryEncoded -Password $pw
