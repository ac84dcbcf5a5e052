/* Nothing special: unindented code, f() without a prototype. */
int
main()
{
int x;
struct point p;
unsigned int u = 3;
if (x)
return f(x);
foo(x)
;
label:
x = p.a->b[u].c;
return 0;
}
int f();
