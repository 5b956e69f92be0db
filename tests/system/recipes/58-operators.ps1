5 + 3 * 2; 7 % 3; (1..4)[-1]; 10MB / 1KB
"abc" -replace "b", "-"; "a;b" -split ";"; "a","b" -join "+"
"x" -in "x","y"; 1 -ge 1 -and -not $false; "Abc" -ceq "abc"
"Mail" -match "^m(.)i"; $Matches[1]
3 -is [int]; "5" -as [int]; [int]"7" + 1; $null -eq ""
@(1,2,3) -contains 2; 1,2,3 -notcontains 2; "a" * 3
$a, $b = "first", "second"; "$b $a"
$x = 5; $x += 2; $x -= 1; $x *= 3; $x /= 2; $x; $x++; $x
