/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts from their text to what they print and do. Memory is given back at every step, so a value
 * that nobody keeps is found at once. */
#include "support/rows.h"

#include "support/fake_world.h"

enum { OUTPUT_MAX = 1 << 20, MEMORY_MAX = 64 << 20, STEPS_MAX = 100000 };

struct row {
    const char *script;
    const char *output; /* all of it; NULL: whatever */
    const char *error;  /* a part of it; NULL: there is none */
    int exit_code;
};

/* clang-format off */
static const struct row language[] = {
    {"1 + 2 * 3; 7 / 2; 8 / 2; 7 % 4; -3 + 1", "7\n3.5\n4\n3\n-2\n", NULL, 0},
    {"'a' + 1; 'ab' * 2; 1 + '2'", "a1\nabab\n3\n", NULL, 0},
    {"$a = 1, 2 + 3; \"$a\"; $a.Count; $a -= 2; \"$a\"", "1 2 3\n3\n1 3\n", NULL, 0},
    {"9223372036854775807 + 1", "9.22337203685478e+18\n", NULL, 0},
    {"1 / 0", "", "division by zero", 2},
    {"'Abc' -eq 'aBC'; 'Abc' -ceq 'aBC'; 5 -gt 3; '10' -gt '9'; 10 -gt '9'; 'b' -in 'a','b'; 1,2 -contains 3", "True\nFalse\nTrue\nFalse\nTrue\nTrue\nFalse\n", NULL, 0},
    {"1,2,3,4 -gt 2; 'ab','cd' -like 'a*'; $null -eq $null; $null -eq 0", "3\n4\nab\nTrue\nFalse\n", NULL, 0},
    {"-not $true; !0; $true -and 1 -eq 2; $true -xor $false; $false -or 'x'", "False\nTrue\nFalse\nTrue\nTrue\n", NULL, 0},
    {"'x' -is [string]; 5 -isnot [int]; '5' -as [int]; 'x' -as [int]", "True\nFalse\n5\n", NULL, 0},
    {"$false -and $nothing.here; 'short circuit'", "False\nshort circuit\n", NULL, 0},
    {"'a,b;c' -split '[,;]'; -split ' x  y '; 'a-b-c' -split '-', 2; 1,2 -join '+'; -join ('a','b')", "a\nb\nc\n\nx\ny\n\na\nb-c\n1+2\nab\n", NULL, 0},
    {"'CN=a, O=b' -replace ',\\s+', ','; 'x1y2' -replace '\\d'; 'ab' -replace '(a)(b)', '$2$1$$'; 'aa' -creplace 'A', 'x'", "CN=a,O=b\nxy\nba$\naa\n", NULL, 0},
    {"'<I>CN=CA<S>CN=x' -match '(?i)^<I>(.*)<S>(.*)$'; $Matches[2]; $matches.1", "True\nCN=x\nCN=CA\n", NULL, 0},
    {"'k=v' -match '(?<key>\\w)=' ; $Matches.key; $Matches['key']", "True\nk\nk\n", NULL, 0},
    {"'x' -match '('", "", "\"(\" is no regular expression", 2},
    {"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' -match '^(a+)+$'", "", "takes too long", 1},
    {"'{0}-{1,4}|{1,-4}|{2:N1} {3:D3} {4:yyyy-MM-dd}' -f 'a','b',1234.56,7,([datetime]'2027-02-01')", "a-   b|b   |1,234.6 007 2027-02-01\n", NULL, 0},
    {"'{5}' -f 1", "", "one value for each number", 2},
    {"3..1; (1..3).Count", "3\n2\n1\n3\n", NULL, 0},
    {"$x = 5; \"$x ${x} `$x $($x + 1) $x.y `\"q`\" a`tb\"; '$x'", "5 5 $x 6 5.y \"q\" a\tb\n$x\n", NULL, 0},
    {"\"a$(\"b$('c')\")d\"; \"$(1;2)\"; \"$(1..3)\"", "abcd\n1 2\n1 2 3\n", NULL, 0},
    {"$s = @\"\none $(1+1)\n\"two\"\n\"@\n$s", "one 2\n\"two\"\n", NULL, 0},
    {"if (0) { 'a' } elseif ('x') { 'b' } else { 'c' }; if ($null) { 1 } else { 2 }", "b\n2\n", NULL, 0},
    {"foreach ($i in 1..9) { if ($i -eq 3) { continue }; if ($i -gt 4) { break }; $i }", "1\n2\n4\n", NULL, 0},
    {"foreach ($i in $null) { 'never' }; foreach ($i in 'one') { $i }", "one\n", NULL, 0},
    {"$i = 0; while ($i -lt 3) { $i++; $i }; do { $i-- } until ($i -le 0); $i; for ($j = 5; $j -lt 7; $j++) { $j }", "1\n2\n3\n0\n5\n6\n", NULL, 0},
    {"switch (3) { 1 { 'a' } 3 { 'b' } { $_ -gt 2 } { 'c' } default { 'd' } }; switch ('x') { 'y' { 1 } default { 2 } }", "b\nc\n2\n", NULL, 0},
    {"switch -Wildcard ('mail.x') { 'mail*' { 'w' } }; switch -Regex ('ab1') { '\\d$' { 'r' } }", "w\nr\n", NULL, 0},
    {"function f($a, $b = 2) { \"$a-$b\" } f 1; f -b 5 -a 4; f 'x' 'y'", "1-2\n4-5\nx-y\n", NULL, 0},
    {"function g { param([int]$n, [switch]$Loud) if ($Loud) { 'LOUD' }; return $n * 2; 'never' } (g 4); g '5' -Loud", "8\nLOUD\n10\n", NULL, 0},
    {"function h { $args.Count; $x = 1 } h a b; $x = 7; h; $x", "2\n0\n7\n", NULL, 0},
    {"function m([Parameter(Mandatory=$true)]$p) { $p } m", "", "-p is missing", 2},
    {"function sum { $t = 0; foreach ($n in $input) { $t += $n }; $t } 1..4 | sum", "10\n", NULL, 0},
    {"function fib($n) { if ($n -lt 2) { return $n }; (fib ($n - 1)) + (fib ($n - 2)) } fib 10", "55\n", NULL, 0},
    {"& { param($q) $q + 1 } 4; $b = { 'in block' }; & $b", "5\nin block\n", NULL, 0},
    {"$script:n = 1; function up { $script:n++ } up; up; $n", "3\n", NULL, 0},
    {"$h = @{ a = 1; 'b c' = 2 }; $h.a; $h['b c']; $h.c = 3; $h.Count; $h.Keys; $h.ContainsKey('A')", "1\n2\n3\na\nb c\nc\nTrue\n", NULL, 0},
    {"$h = @{n=1}; $h.n += 4; $h.n; $l = 1,2,3; $l[0] = 9; $l[-1]; $l[0]; $l[7] -eq $null", "5\n3\n9\nTrue\n", NULL, 0},
    {"$a, $b = 1, 2, 3; $a; \"$b\"; [int]$c = '5'; $c + 1", "1\n2 3\n6\n", NULL, 0},
    {"$o = [pscustomobject]@{Name='x'; N=1}; $o.name; $o.N = 5; $o.N; $o", "x\n5\nName  N\n----  -\nx     5\n", NULL, 0},
    {"'Abc'.ToUpper(); 'a b'.Split(' ')[1]; ' x '.Trim(); 'abcd'.Substring(1,2); 'abc'.Replace('b','-'); 'abc'.Contains('bc'); 'abc'.Length; 'x'.PadLeft(3) + '|'", "ABC\nb\nx\nbc\na-c\nTrue\n3\n  x|\n", NULL, 0},
    {"'abc'.Frobnicate()", "", "a text has no method Frobnicate", 2},
    {"'abc'.ToUper()", "", "Did you mean ToUpper?", 2},
    {"(Get-Date).AddDays(30); (Get-Date '2027-01-31').AddMonths(1).Month; ([datetime]'2027-03-01' - (Get-Date)).Days; (Get-Date).ToString('yyyy-MM-dd')", "2026-12-25T00:00:00.000Z\n2\n96\n2026-11-25\n", NULL, 0},
    {"(New-TimeSpan -Days 2).TotalHours; [timespan]'00:10:00' -gt [timespan]'00:05:00'", "48\nTrue\n", NULL, 0},
    {"[math]::Floor(7 / 2 + 1); 'abc'.Substring(1 - 1, 1 + 1); 'a-b'.Split(('-', '+')[0])[1]; function p($a = 1 + 2, $b = (4, 5)[1]) { $a + $b } p", "4\nab\nb\n8\n", NULL, 0},
    {"[int]'x'", "", "a text (x) cannot become [int]", 2},
    {"[math]::Round(2.567, 2); [string]::IsNullOrEmpty(''); [System.IO.File]::Delete('x')", "2.57\nTrue\n", "[IO.File]::ReadAllBytes", 2},
    {"switch ('a','b','c') { 'a' { 'A'; continue } 'b' { break } default { 'd' } }; foreach ($i in 1,2) { switch ($i) { 1 { continue } 2 { 'two' } } \"i$i\" }", "A\ni1\ntwo\ni2\n", NULL, 0},
    {"'x'; break; 'never'", "x\n", "stands in no loop", 2},
    {"try { throw 'bad' } catch { \"got $_\"; $_.Exception.Message } finally { 'fin' }", "got bad\nbad\nfin\n", NULL, 0},
    {"try { $nothing.x } catch { 'caught' }; try { Get-Nothing } catch { 'too' }", "caught\ntoo\n", NULL, 0},
    {"function f { throw 'deep' } try { f } catch { $_.Exception.Message }", "deep\n", NULL, 0},
    {"throw 'out'; 'never'", "", "out", 1},
    {"'before'; $nothing; 'after'", "before\nafter\n", "the variable $nothing was never given a value", 2},
    {"$ErrorActionPreference = 'Stop'; $nothing; 'after'", "", "never given a value", 2},
    {"$Certificate = 1; $Certficate", "", "Did you mean $Certificate?", 2},
    {"exit 7; 'never'", "", NULL, 7},
    {"Write-Error 'x' -ErrorAction SilentlyContinue; $?; Write-Host 'a' 'b'; Write-Warning 'w'", "False\na b\n", "WARNING: w", 0},
    {"'unfinished", NULL, "Nothing was run", 2},
    {"$true = 1", "", "cannot be given another value", 2},
};

static const struct row pipelines[] = {
    {"1..5 | ? { $_ % 2 } | % { $_ * 10 }", "10\n30\n50\n", NULL, 0},
    {"1..1000000 | select -First 2", "1\n2\n", NULL, 0},
    {"1..5 | select -Last 2; 1..5 | select -Skip 3; 1,1,2 | select -Unique", "4\n5\n4\n5\n1\n2\n", NULL, 0},
    {"3,1,2 | sort; 'b','A' | sort -Descending; 1,2,1 | sort -Unique", "1\n2\n3\nb\nA\n1\n2\n", NULL, 0},
    {"1..4 | measure -Sum -Average | % { \"$($_.Count) $($_.Sum) $($_.Average)\" }", "4 10 2.5\n", NULL, 0},
    {"'a','b','A' | group | % { \"$($_.Name)=$($_.Count)\" }", "a=2\nb=1\n", NULL, 0},
    {"compare (1,2,3) (2,3,4) | % { \"$($_.InputObject) $($_.SideIndicator)\" }", "4 =>\n1 <=\n", NULL, 0},
    {"1..3 | % -Begin { 'b' } -Process { $_ } -End { 'e' }", "b\n1\n2\n3\ne\n", NULL, 0},
    {"'x' | Out-Null; (1..3 | Out-String).Length", "6\n", NULL, 0},
    {"@{a=1} | ConvertTo-Json -Compress; ('{\"b\":[1,{\"c\":null}]}' | ConvertFrom-Json).b[0]", "{\"a\":1}\n1\n", NULL, 0},
    {"Import-Csv hosts.csv | % { \"$($_.name): $($_.ip)\" }", "one: 10.0.0.1\ntwo, too: 10.0.0.2\n", NULL, 0},
    {"Import-Csv hosts.csv | select ip | Export-Csv out.csv -NoType", "[write out.csv: \"ip\"\n\"10.0.0.1\"\n\"10.0.0.2\"\n]\n", NULL, 0},
    {"Get-Content hosts.csv | select -First 1; 'l1','l2' | Add-Content log; 'x' | Out-File f", "[append log: l1\nl2\n]\n[write f: x\n]\nname,ip\n", NULL, 0},
    {"Get-Content gone.txt", "", "gone.txt: No such file", 3},
    {"1 | Get-Date", "", "takes nothing from a pipeline", 2},
    {"1 | Where-Objct { 1 }", "", "Did you mean Where-Object?", 2},
    {"1 | select -Frist 1", "", "Did you mean -First?", 2},
    {"1 | select -First", "", "-First needs a value", 2},
    {"1..3 | Foo-Bar", "", "is no cmdlet, function or alias here", 2},
    {"foreach ($i in 1,2) { 1..9 | % { if ($_ -gt 2) { break }; $_ } }", "1\n2\n", NULL, 0},
    {"1..3 | % { $x = $_; 'a','b' | % { \"$x$_\" } } | ? { $_ -ne '2a' }", "1a\n1b\n2b\n3a\n3b\n", NULL, 0},
    {"Get-Member -Name x", "", NULL, 0},
    {"$PSDefault = @{ First = 2 }; 1..5 | select @PSDefault", "1\n2\n", NULL, 0},
    {"$l = New-Object System.Collections.ArrayList; [void]$l.Add(3); $l.Add(4) | Out-Null; $l; (New-Object PSObject -Property @{a=5}).a", "3\n4\n5\n", NULL, 0},
    {"New-Object System.Security.Principal.SecurityIdentifier('S-1-5-7')", "", "-User S-1-5-7 works as it is", 2},
    {"(Get-Date).DayOfWeek", "Wednesday\n", NULL, 0},
    {"$c = Import-Clixml connectors.xml; $c.Name; $c.Bindings; $c.ConnectionTimeout.TotalMinutes; $c.MaxMessageSize; $c.AuthMechanism; $c.Enabled; $c.Again.Count; $c.Fqdn -eq $null; $c.MaxLocalHopCount + 1; $c.WhenChanged.Year", "Relay\n0.0.0.0:25\n[::]:25\n10\n36 MB (37,748,736 bytes)\nTls\nTrue\n2\nTrue\n6\n2019\n", NULL, 0},
    {"(Import-Clixml connectors.xml).Comment -eq \"a <b> & `nc \xe2\x82\xac\"", "True\n", NULL, 0},
    {"Import-Clixml deep.xml", "", "nested too deeply", 2},
    {"Import-Clixml hosts.csv", "", "no file of Export-Clixml", 2},
    {"Import-Csv wide.csv | % n", "\xc3\xa9\xf0\x9f\x98\x80\n", NULL, 0},
    {"@{a=1; b='<x>',$true,$null} | Export-Clixml out.xml", "[write out.xml: <Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">\n<Obj RefId=\"0\">\n<DCT>\n<En><S N=\"Key\">a</S>\n<I64 N=\"Value\">1</I64>\n</En>\n<En><S N=\"Key\">b</S>\n<Obj N=\"Value\" RefId=\"1\">\n<LST>\n<S>&lt;x&gt;</S>\n<B>true</B>\n<Nil />\n</LST></Obj>\n</En>\n</DCT></Obj>\n</Objs>\n]\n", NULL, 0},
    {"[pscustomobject]@{a=1}; [pscustomobject]@{A=2}; [pscustomobject]@{b=3}", "a\n-\n1\n2\nb\n-\n3\n", NULL, 0},
    {"Test-Path hosts.csv; if (-not (Test-Path gone)) { 'gone' }", "True\ngone\n", NULL, 0},
    {"'x' | Out-File f -Encoding UTF8; 'x' | Out-File g -Encoding Unicode", "[write f: x\n]\n[write g: x\n]\n", "WARNING: the file is written in UTF-8, not in Unicode", 0},
    {"'a','A','b','a' | select -Unique; compare ('a','b') 'B' -IncludeEqual | % { \"$($_.InputObject)$($_.SideIndicator)\" }", "a\nA\nb\nb==\na<=\n", NULL, 0},
    {"Restart-Service MSExchangeTransport; Restart-Service sshd", "", "nothing was restarted", 3},
    {"Write-Output 1 2; Write-Output (1,2)", "1\n2\n1\n2\n", NULL, 0},
};

static const struct row operations_[] = {
    {"Get-ReceiveConnector | ft Name,Enabled", "Name                 Enabled\n----                 -------\nDefault Frontend MX  True\nClient Frontend MX   True\nRelay                False\n", NULL, 0},
    {"Get-ReceiveConnector Relay | fl Name, Max*", "Name             : Relay\nMaxMessageSize   : 1 MB (1,048,576 bytes)\nMaxLocalHopCount : 1\n", NULL, 0},
    {"(Get-ReceiveConnector 'Client*').Bindings; (Get-ReceiveConnector).Name.Count", "[::]:587\n3\n", NULL, 0},
    {"Get-ReceiveConnector | where Enabled -eq $false | % Name; Get-ReceiveConnector | ? Name -like *Front* | % { $_.Name }", "Relay\nDefault Frontend MX\nClient Frontend MX\n", NULL, 0},
    {"Get-ReceiveConnector Relay | Set-ReceiveConnector -Fqdn mail.contoso.com -RequireTLS:$true", "[Set-ReceiveConnector {\"Fqdn\":\"mail.contoso.com\",\"RequireTLS\":\"$true\",\"Identity\":\"MX\\\\Relay\"}]\n", NULL, 0},
    {"'Relay' | Set-ReceiveConnector -Banner $null -WhatIf", "[Set-ReceiveConnector {\"Banner\":null,\"WhatIf\":true,\"Identity\":\"Relay\"}]\n", NULL, 0},
    {"Set-ReceiveConnector Relay -RemoteIPRanges @{Add='10.0.0.9','10.0.0.8'; Remove='192.0.2.7'}", "[Set-ReceiveConnector {\"Identity\":\"Relay\",\"RemoteIPRanges\":{\"Add\":[\"10.0.0.9\",\"10.0.0.8\"],\"Remove\":[\"192.0.2.7\"]}}]\n", NULL, 0},
    {"$c = Get-ReceiveConnector 'Client*'; $c.RemoteIPRanges += '1.2.3.4'; $c.RemoteIPRanges -= '10.0.0.1'; Set-ReceiveConnector $c -RemoteIPRanges $c.RemoteIPRanges", "[Set-ReceiveConnector {\"Identity\":\"MX\\\\Client Frontend MX\",\"RemoteIPRanges\":[\"10.0.0.2\",\"1.2.3.4\"]}]\n", NULL, 0},
    {"$a = (Get-ReceiveConnector Relay).AuthMechanism; $a += 'TLS'; Set-ReceiveConnector Relay -AuthMechanism $a", "[Set-ReceiveConnector {\"Identity\":\"Relay\",\"AuthMechanism\":\"TLS\"}]\n", NULL, 0},
    {"$a = (Get-ReceiveConnector Client*).AuthMechanism; $a += 'Integrated'; $a -= 'basicauth'; $a", "Tls, Integrated\n", NULL, 0},
    {"$c = Get-ReceiveConnector Relay; $c.MaxMessageSize; $c.MaxMessageSize.ToKB(); $c.MaxMessageSize -gt 500KB; $c.ConnectionTimeout.TotalMinutes", "1 MB (1,048,576 bytes)\n1024\nTrue\n30\n", NULL, 0},
    {"$p = @{ Identity = 'Relay'; MaxMessageSize = 10MB }; Set-ReceiveConnector @p", "[Set-ReceiveConnector {\"Identity\":\"Relay\",\"MaxMessageSize\":\"10485760\"}]\n", NULL, 0},
    {"[PS] C:\\>$cert = Get-ExchangeCertificate -Thumbprint " FAKE_THUMBPRINT "\n[PS] C:\\>$n = \xe2\x80\x9c<i>$($cert.Issuer)<s>$($cert.Subject)\xe2\x80\x9d\nSet-ReceiveConnector \xe2\x80\x9cMX\\Client Frontend MX\xe2\x80\x9d \xe2\x80\x93" "Fqdn mail.contoso.com \xe2\x80\x93TlsCertificateName $n",
     "[Set-ReceiveConnector {\"Identity\":\"MX\\\\Client Frontend MX\",\"Fqdn\":\"mail.contoso.com\",\"TlsCertificateName\":\"<i>CN=Contoso CA, O=Contoso<s>CN=mail.contoso.com\"}]\n", NULL, 0},
    {"$cert = Get-ExchangeCertificate -Thumbprint 00; $n = \"<I>$($cert.Issuer)<S>$($cert.Subject)\"; Set-ReceiveConnector Relay -TlsCertificateName $n", "", "the variable $cert is empty, so there is no Issuer of it: Get-ExchangeCertificate -Thumbprint 00 (line 1) gave nothing", 2},
    {"$cert = Get-ExchangeCertificate -Thumbprint 00 -EA SilentlyContinue; Set-ReceiveConnector Relay -TlsCertificateName $cert", "", "To clear a setting, write $null", 2},
    {"(Get-ExchangeCertificate).NotAfter.AddDays(-1); Get-ExchangeCertificate | ? { $_.NotAfter -lt (Get-Date).AddDays(100) } | % Thumbprint", "2027-02-28T00:00:00.000Z\n" FAKE_THUMBPRINT "\n", NULL, 0},
    {"Get-ExchangeCertificate | Enable-ExchangeCertificate -Services SMTP,IIS", "[Enable-ExchangeCertificate {\"Services\":[\"SMTP\",\"IIS\"],\"Thumbprint\":\"" FAKE_THUMBPRINT "\"}]\n", NULL, 0},
    {"Import-ExchangeCertificate -FileData ([System.IO.File]::ReadAllBytes('mail.pfx')) -Password (Get-Credential).password", "[Import-ExchangeCertificate {\"FileData\":\"MIIA/w==\",\"Password\":\"hunter2\"}]\n", NULL, 0},
    {"Import-ExchangeCertificate -FileData ([Byte[]]$(Get-Content -Path mail.pfx -Encoding Byte -ReadCount 0)) -Password (ConvertTo-SecureString -String 'x' -AsPlainText -Force)", "[Import-ExchangeCertificate {\"FileData\":\"MIIA/w==\",\"Password\":\"x\"}]\n", NULL, 0},
    {"Import-ExchangeCertificate -FileData 'mail.pfx'", "", "ReadAllBytes", 2},
    {"Set-SendConnector Out -AuthenticationCredential (Get-Credential anna)", "[Set-SendConnector {\"Identity\":\"Out\",\"AuthenticationCredential\":{\"UserName\":\"anna\",\"Password\":\"hunter2\"}}]\n", NULL, 0},
    {"$s = ConvertTo-SecureString 'x' -AsPlainText -Force; $c = New-Object System.Management.Automation.PSCredential('anna', $s); Set-SendConnector Out -AuthenticationCredential $c", "[Set-SendConnector {\"Identity\":\"Out\",\"AuthenticationCredential\":{\"UserName\":\"anna\",\"Password\":\"x\"}}]\n", NULL, 0},
    {"$c = New-Object -TypeName System.Management.Automation.PSCredential -ArgumentList 'anna', (ConvertTo-SecureString 'x' -AsPlainText -Force); $c.UserName; $c.Password", "anna\n***\n", NULL, 0},
    {"Set-SendConnector Out -AuthenticationCredential $null", "[Set-SendConnector {\"Identity\":\"Out\",\"AuthenticationCredential\":null}]\n", NULL, 0},
    {"Set-SendConnector Out -AuthenticationCredential anna", "", "no credential: (Get-Credential)", 2},
    {"New-Object PSCredential('anna')", "", "a user name and a secure string", 2},
    {"Set-SendConnector Out -AddressSpaces 'SMTP:*;1', 'contoso.com;5' -SmartHosts @{Add='[192.0.2.1]'}", "[Set-SendConnector {\"Identity\":\"Out\",\"AddressSpaces\":[\"SMTP:*;1\",\"contoso.com;5\"],\"SmartHosts\":{\"Add\":[\"[192.0.2.1]\"]}}]\n", NULL, 0},
    {"$pw = Read-Host 'Password' -AsSecureString; $pw; \"$pw\"", "***\n***\n", NULL, 0},
    {"Get-ReceiveConnector gone", "", "+ FullyQualifiedErrorId : ObjectNotFound,Get-ReceiveConnector", 3},
    {"Get-ReceiveConnector gone -ErrorAction SilentlyContinue; 'on'", "on\n", NULL, 0},
    {"try { Get-ReceiveConnector gone -ErrorAction Stop; 'never' } catch { $_.CategoryInfo }", "ObjectNotFound\n", NULL, 0},
    {"$WhatIfPreference = $true; Set-ReceiveConnector Relay -Banner x; Get-ReceiveConnector Relay | Set-ReceiveConnector -WhatIf:$false -Banner y", "[Set-ReceiveConnector {\"Identity\":\"Relay\",\"Banner\":\"x\",\"WhatIf\":true}]\n[Set-ReceiveConnector {\"WhatIf\":false,\"Banner\":\"y\",\"Identity\":\"MX\\\\Relay\"}]\n", NULL, 0},
    {"$ConfirmPreference = 'None'; 'a','b' | Remove-ReceiveConnector; $ConfirmPreference = 'Low'; Set-ReceiveConnector a -Banner x", "[Remove-ReceiveConnector {\"Confirm\":false,\"Identity\":\"a\"}]\n[Remove-ReceiveConnector {\"Confirm\":false,\"Identity\":\"b\"}]\n[Set-ReceiveConnector {\"Identity\":\"a\",\"Banner\":\"x\",\"Confirm\":true}]\n", NULL, 0},
    {"$VerbosePreference = 'Continue'; Set-ReceiveConnector Relay -Banner x", "[Set-ReceiveConnector {\"Identity\":\"Relay\",\"Banner\":\"x\"}]\n", "VERBOSE: Set-ReceiveConnector -Identity Relay -Banner x", 0},
    {"$WarningPreference = 'SilentlyContinue'; Write-Warning 'hidden'; Write-Warning 'said' -WarningAction Continue", "", "WARNING: said", 0},
    {"1..3 | % { \"c$_\" } | Set-ReceiveConnector -Banner x", "[Set-ReceiveConnector {\"Banner\":\"x\",\"Identity\":\"c1\"}]\n[Set-ReceiveConnector {\"Banner\":\"x\",\"Identity\":\"c2\"}]\n[Set-ReceiveConnector {\"Banner\":\"x\",\"Identity\":\"c3\"}]\n", NULL, 0},
    {"Get-Queue -PipelineVariable e", "", "-PipelineVariable is not part of this shell", 2},
    {"Get-ReceiveConnector gone -ErrorVariable e -EA SilentlyContinue; $e.Count; $e[0].Exception.Message; $e.CategoryInfo", "1\nthere is none of this name\nObjectNotFound\n", NULL, 0},
    {"Get-ReceiveConnector gone -EA 0; 'on'; Get-ReceiveConnector gone -ErrorAction 1; 'off'", "on\n", "there is none of this name", 3},
    {"Get-ReceiveConnector gone -EA 7", "", "takes Stop, Continue, SilentlyContinue, Ignore or Inquire", 2},
    {"Get-ReceiveConnector gone -ErrorVariable e -EA Ignore; \"[$($e.Count)]\"", "[0]\n", NULL, 0},
    {"$e = 'old'; Get-ReceiveConnector Relay -ev e | Out-Null; \"[$($e.Count)]\"", "[0]\n", NULL, 0},
    {"'a','b' | % { Get-ReceiveConnector gone -ev +e -EA SilentlyContinue }; $e.Count; try { Get-ReceiveConnector gone -ev +e -EA Stop } catch { 'caught' }; $e.Count", "2\ncaught\n3\n", NULL, 0},
    {"Get-Content gone.txt -ErrorVariable e -EA SilentlyContinue; $e.Exception.Message; $e.FullyQualifiedErrorId", "gone.txt: No such file or directory\nFileNotRead\n", NULL, 0},
    {"Get-ReceiveConnector gone -ErrorVariable '$e'", "", "-ErrorVariable takes the name of a variable, without $", 2},
    {"$n = (Get-ReceiveConnector -OutVariable all | ? Name -eq Relay).Name; $n; $all.Count; $all[0].Name; Get-ReceiveConnector Relay -ov +all | Out-Null; $all.Count; $all[3].Name", "Relay\n3\nDefault Frontend MX\n4\nRelay\n", NULL, 0},
    {"Get-ReceiveConnector Relay -ov r | Set-ReceiveConnector -Banner x; $r.Fqdn", "[Set-ReceiveConnector {\"Banner\":\"x\",\"Identity\":\"MX\\\\Relay\"}]\nrelay.example.test\n", NULL, 0},
    {"function two { 1; 2 } $x = two -ov got; $got.Count; 3 | % { $_ } -OutVariable +got | Out-Null; \"$got\"", "2\n1 2 3\n", NULL, 0},
    {"Write-Warning x -WarningAction Stop", "", "takes Continue, SilentlyContinue or Ignore here", 2},
    {"Get-Queue -o list", "", "In this shell: | Format-List", 2},
    {"Set-ReceiveConnector Relay -Bannr x", "", "did you mean -Banner?", 2},
    {"Set-ReceiveConnector", "", "needs -Identity", 2},
    {"Set-ReceiveConnector Client Frontend", "", "a name with blanks needs quotes", 2},
    {"Get-ReceiveConnecter", "", "Did you mean Get-ReceiveConnector?", 2},
    {"(Get-ReceiveConnector Relay).Bindngs", "", "ReceiveConnector has no property Bindngs. Did you mean Bindings?", 2},
    {"(Get-ReceiveConnector gone -EA Ignore).Name", "", "gave nothing, so there is no Name of it", 2},
    {"Get-ReceiveConnector Relay | fl Name,Nonsense", "Name : Relay\n", "has no property Nonsense", 2},
    {"foreach ($c in Get-ReceiveConnector) { if ($c.MaxLocalHopCount -gt 1) { Set-ReceiveConnector $c.Identity -MaxLocalHopCount 3 } }", "[Set-ReceiveConnector {\"Identity\":\"MX\\\\Default Frontend MX\",\"MaxLocalHopCount\":\"3\"}]\n[Set-ReceiveConnector {\"Identity\":\"MX\\\\Client Frontend MX\",\"MaxLocalHopCount\":\"3\"}]\n", NULL, 0},
    {"$server='MX'; (Get-ReceiveConnector $server\\Relay).Name; (Get-ReceiveConnector \"$server\\Client Frontend $server\").Name", "Relay\nClient Frontend MX\n", NULL, 0},
    {"Get-ReceiveConnector | select Name, @{n='Ports'; e={ $_.Bindings.Count }} | ? Ports -gt 1 | % { $_.Name }", "Default Frontend MX\n", NULL, 0},
    {"New-ReceiveConnector -Name R -Custom -Bindings 0.0.0.0:25 `\n  -RemoteIPRanges 10.0.0.1, 10.0.0.2", "[New-ReceiveConnector {\"Name\":\"R\",\"Custom\":true,\"Bindings\":\"0.0.0.0:25\",\"RemoteIPRanges\":[\"10.0.0.1\",\"10.0.0.2\"]}]\n", NULL, 0},
    {"Remove-ReceiveConnector Relay -Confirm:$false -Verbose", "[Remove-ReceiveConnector {\"Identity\":\"Relay\",\"Confirm\":false}]\n", "VERBOSE: Remove-ReceiveConnector -Identity Relay", 0},
};
/* clang-format on */

static bool is_as_wanted(const struct row *row, const struct fake_world *fake, int exit_code)
{
    struct slice output = text_slice(&fake->output), errors = text_slice(&fake->errors);
    bool said = row->error ? slice_contains(errors, slice_of(row->error)) : errors.len == 0;
    if (said && exit_code == row->exit_code &&
        (!row->output || slice_equal(output, slice_of(row->output))))
        return true;
    print_error("%s\n--- exit code %d, output:\n%.*s--- errors:\n%.*s\n", row->script, exit_code,
                SLICE_ARG(output), SLICE_ARG(errors));
    return false;
}

static void play(const struct row *rows, size_t count)
{
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        struct fake_world fake;
        struct world world;
        struct shell_limits limits = {
            .memory_max = MEMORY_MAX, .steps_max = STEPS_MAX, .always_collect = true};
        fake_world_init(&fake, &world, OUTPUT_MAX);
        struct shell *shell = shell_new(&world, &limits);
        assert_non_null(shell);
        shell_run(shell, slice_of(rows[i].script), false);
        failed += is_as_wanted(&rows[i], &fake, shell_exit_code(shell)) ? 0 : 1;
        shell_free(shell);
        fake_world_deinit(&fake);
    }
    assert_int_equal(failed, 0);
}

static void the_language_does_what_it_says(void **state)
{
    (void)state;
    play(language, COUNT_OF(language));
}

static void objects_go_through_pipelines(void **state)
{
    (void)state;
    play(pipelines, COUNT_OF(pipelines));
}

static void operations_get_their_parameters(void **state)
{
    (void)state;
    play(operations_, COUNT_OF(operations_));
}

/* What -ErrorAction Inquire does at each answer; NULL: there is nobody. */
static void an_error_asks_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *output;
        size_t questions;
    } rows[] = {{"Y", "1\n2\nend\n", 2}, {"", "1\n2\nend\n", 2}, {"a", "1\n2\nend\n", 1},
                {"h", "1\n", 1},         {"what?", "1\n", 1},    {NULL, "1\n", 1}};
    static const char script[] = "1, 2 | % { Write-Host $_; 'gone' } | Get-ReceiveConnector "
                                 "-ErrorAction Inquire; Write-Host 'end'";
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fake_world fake;
        struct world world;
        struct shell_limits limits = {
            .memory_max = MEMORY_MAX, .steps_max = STEPS_MAX, .always_collect = true};
        fake_world_init(&fake, &world, OUTPUT_MAX);
        const char *name = rows[i].answer ? rows[i].answer : "nobody";
        fake.answer = rows[i].answer;
        struct shell *shell = shell_new(&world, &limits);
        shell_run(shell, slice_of(script), false);
        row_expect_slice(name, text_slice(&fake.output), slice_of(rows[i].output));
        size_t questions = 0;
        for (struct slice rest = text_slice(&fake.errors), line;
             slice_take_field(&rest, '\n', &line);)
            questions += slice_equal(line, SLICE("Confirm"));
        row_expect(name, "questions", (long long)questions, (long long)rows[i].questions);
        row_expect(name, "exit code", shell_exit_code(shell), OPERATION_NOT_FOUND);
        shell_free(shell);
        fake_world_deinit(&fake);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_language_does_what_it_says),
                                       cmocka_unit_test(an_error_asks_what_to_do),
                                       cmocka_unit_test(objects_go_through_pipelines),
                                       cmocka_unit_test(operations_get_their_parameters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
