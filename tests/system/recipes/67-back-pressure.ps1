[xml]$bp = Get-ExchangeDiagnosticInfo -Server MX -Process EdgeTransport -Component ResourceThrottling
$meters = $bp.Diagnostics.Components.ResourceThrottling.ResourceTracker.ResourceMeter
$meters | ft Resource,LessIsWorse
$meters | where {$_.Resource -eq "QueuedRecipients"} | fl Resource,CurrentResourceUse,Pressure,LowToMedium,MediumToHigh
$bp.Diagnostics.Components.ResourceThrottling.ResourceTracker.AggregatedResourceUse
((Get-ExchangeDiagnosticInfo -Process EdgeTransport -Component ResourceThrottling).Result -split "`n")[0..4]
[xml]"<a/>"
Get-ExchangeDiagnosticInfo -Process EdgeTransport -Component Kitchen
