Get-ExchangeCertificate | Format-List Thumbprint,Issuer,Subject,CertificateDomains,Services
Get-ReceiveConnector | Test-ReceiveConnectorCertificate | ft Identity,Rule
