Get-ReceiveConnector | ft Name, @{n='Ports'; e={ ($_.Bindings | % { [int]($_ -split ':')[-1] - {{OFFSET}} }) -join '/' }}, @{l='TLS'; e={ if ($_.RequireTLS) { 'must' } else { 'may' } }} -Auto
