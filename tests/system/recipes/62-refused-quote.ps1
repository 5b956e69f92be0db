Set-ReceiveConnector "Default MX -Banner x
